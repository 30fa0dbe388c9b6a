import type { Text } from '../../shared/text.ts';

/** Every sentence an import says about a file or a row, for the person who has to repair it. */
export const reasons = {
  // ── The file ──
  empty: { zh: '文件是空的', en: 'The file is empty' },
  noRows: { zh: '只有表头，没有数据行', en: 'There is a header and no row below it' },
  otherTenant: {
    zh: '文件中有属于另一家单位的客户号、通话记录号或名单名，已停止；此前的批次已写入',
    en: 'The file names a customer, contact or list that belongs to another tenant, so it stopped; the batches before are written',
  },
  notText: {
    zh: '这不是 CSV 文本，也不是 XLSX 工作簿',
    en: 'This is neither CSV text nor an XLSX workbook',
  },
  oldExcel: {
    zh: '这是旧版 Excel（.xls）或加密文件，请另存为 .xlsx 或 CSV',
    en: 'This is an old Excel file (.xls) or an encrypted one: save it as .xlsx or CSV',
  },
  notWorkbook: (detail: string): Text => ({
    zh: `XLSX 工作簿已损坏或不完整：${detail}`,
    en: `The XLSX workbook is damaged or incomplete: ${detail}`,
  }),
  tooBig: (what: string, most: string): Text => ({
    zh: `工作簿解压后过大（${what} 超过 ${most}）`,
    en: `The workbook is too big when unpacked (${what} is over ${most})`,
  }),
  noSheet: (wanted: string, there: readonly string[]): Text => ({
    zh: `没有名为“${wanted}”的工作表；现有：${there.join('、')}`,
    en: `There is no sheet "${wanted}"; there is ${there.join(', ')}`,
  }),
  tooManyColumns: (most: number): Text => ({ zh: `列数超过 ${most}`, en: `There are more than ${most} columns` }),
  longRow: (row: number): Text => ({
    zh: `第 ${row} 行之后有一行长得不合理，多半是引号没有闭合`,
    en: `After row ${row} comes one that is unreasonably long: probably a quotation mark that is never closed`,
  }),
  missingColumns: (missing: readonly string[], there: readonly string[]): Text => ({
    zh: `缺少必需的列：${missing.join('、')}。文件中的列：${there.join('、')}。可用 --map 指定对应关系`,
    en: `Required columns are missing: ${missing.join(', ')}. The file has: ${there.join(', ')}. Name them with --map`,
  }),
  mapUnknownField: (field: string, known: readonly string[]): Text => ({
    zh: `映射文件中的字段“${field}”不存在；可用：${known.join('、')}`,
    en: `The mapping names a field "${field}" that does not exist; there is ${known.join(', ')}`,
  }),
  mapUnknownColumn: (column: string, there: readonly string[]): Text => ({
    zh: `映射文件中的列“${column}”不在文件里；文件中的列：${there.join('、')}`,
    en: `The mapping names a column "${column}" that the file does not have; it has: ${there.join(', ')}`,
  }),
  mapTwice: (field: string): Text => ({
    zh: `映射文件把两列都对应到“${field}”`,
    en: `The mapping gives two columns to "${field}"`,
  }),
  headerTwice: (column: string): Text => ({
    zh: `必需的列“${column}”出现了两次`,
    en: `The required column "${column}" is there twice`,
  }),
  listName: { zh: '导入名单需要 --list 名称（1–80 字）', en: 'A list needs --list NAME (1–80 characters)' },
  badDefault: (field: string, why: Text): Text => ({
    zh: `映射文件中“${field}”的默认值不对：${why.zh}`,
    en: `The mapping's default for "${field}" is wrong: ${why.en}`,
  }),

  // ── Columns that are not used ──
  unknownColumn: { zh: '不认识的列', en: 'not known' },
  secondColumn: (field: string): Text => ({
    zh: `另一列已作为 ${field}`,
    en: `another column is the ${field} already`,
  }),
  leftOut: { zh: '映射文件要求忽略', en: 'left out by the mapping' },
  derivedTier: {
    zh: '只核对不保存：客户分层由消费、网龄和信用计算（R1）',
    en: 'checked, not kept: the tier follows from spend, tenure and credit (R1)',
  },
  ownReport: { zh: '坏行报告自己的列', en: "a column of the import's own report" },

  // ── Rows ──
  tooFewCells: (got: number, wanted: number): Text => ({
    zh: `半行：只有 ${got} 列，应有 ${wanted} 列`,
    en: `Half a row: ${got} columns of ${wanted}`,
  }),
  tooManyCells: (got: number, wanted: number): Text => ({
    zh: `多出列：有 ${got} 列，应有 ${wanted} 列`,
    en: `Too many columns: ${got} instead of ${wanted}`,
  }),
  openQuote: { zh: '半行：引号没有闭合，文件就结束了', en: 'Half a row: the file ends inside quotation marks' },

  // ── Cells ──
  mandatory: { zh: '不能为空', en: 'must not be empty' },
  garbled: {
    zh: '有无法解码的字符，请检查编码（--encoding）',
    en: 'holds characters that cannot be decoded: check --encoding',
  },
  tooLong: (most: number): Text => ({ zh: `超过 ${most} 个字符`, en: `is longer than ${most} characters` }),
  badId: {
    zh: '客户编号只能是 1–64 个字母、数字和 . _ : -',
    en: 'is no customer id: 1–64 letters, digits and . _ : -',
  },
  badNumber: { zh: '不是电话号码', en: 'is not a telephone number' },
  foreignNumber: { zh: '是国外号码（映射文件可允许）', en: 'is a foreign number (the mapping may allow them)' },
  serviceNumber: {
    zh: '是服务短号或紧急号码，不是客户号码',
    en: 'is a service or emergency number, not a customer’s',
  },
  scientific: {
    zh: '被 Excel 变成了科学计数或丢失了末尾数字，请把该列设为文本后重新导出',
    en: 'was turned into a rounded number by Excel: format the column as text and export again',
  },
  cellError: { zh: '是 Excel 的错误值', en: 'is an error value of Excel' },
  badDate: { zh: '不是可能的日期', en: 'is not a possible date' },
  futureDate: { zh: '在将来', en: 'lies in the future' },
  badAmount: { zh: '不是金额（0 至 1 千万）', en: 'is not an amount (0 to 10 million)' },
  badCount: (from: number, to: number): Text => ({
    zh: `不是 ${from} 至 ${to} 的整数`,
    en: `is not a whole number from ${from} to ${to}`,
  }),
  badShare: { zh: '不是 0 到 1 之间的比例或百分数', en: 'is not a share from 0 to 1 or a percentage' },
  notInList: (allowed: readonly string[]): Text => ({
    zh: `不在可选值内：${allowed.join('、')}`,
    en: `is none of ${allowed.join(', ')}`,
  }),
  badYesNo: { zh: '不是“是”或“否”', en: 'is neither yes nor no' },
  badIdNumber: { zh: '身份证号的长度或校验位不对', en: 'is an ID number of wrong length or check character' },
  badPassword: { zh: '服务密码应为 4–12 位数字', en: 'is not a service password of 4–12 digits' },
  tooManyNumbers: (most: number): Text => ({
    zh: `一位客户最多 ${most} 个号码`,
    en: `A customer has at most ${most} numbers`,
  }),

  // ── Rows against others ──
  numberTakenInFile: (row: number): Text => ({
    zh: `第 ${row} 行已把这个号码给了另一位客户`,
    en: `Row ${row} gave this number to another customer`,
  }),
  numberTaken: (id: string): Text => ({
    zh: `这个号码属于另一位客户 ${id}`,
    en: `This number belongs to another customer, ${id}`,
  }),
  unknownQueue: (queue: string): Text => ({ zh: `没有队列“${queue}”`, en: `There is no queue "${queue}"` }),
  unknownCustomer: { zh: '没有这位客户', en: 'There is no such customer' },
  severalCustomers: {
    zh: '这个号码属于多位客户，请给出客户编号',
    en: 'Several customers have this number: give the customer id',
  },
  nobodyNamed: { zh: '既没有客户编号也没有号码', en: 'Neither a customer id nor a number' },
  contactOfAnother: { zh: '这个接触编号属于另一位客户', en: 'This contact id belongs to another customer' },
  listedInFile: (row: number): Text => ({ zh: `与第 ${row} 行是同一个号码`, en: `The same number as in row ${row}` }),
  listFull: (most: number): Text => ({
    zh: `名单最多 ${most} 位客户（R20）`,
    en: `A list holds at most ${most} customers (R20)`,
  }),
  listLong: (most: number): Text => ({
    zh: `名单超过 ${most} 位客户，建议拆分（R20）`,
    en: `The list has over ${most} customers: better to split it (R20)`,
  }),
} as const;
