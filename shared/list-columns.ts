/**
 * The names by which a list of numbers calls its columns, in a file that is imported and in one that a lead pastes or chooses. The first name is
 * how the field is called to people.
 */
export const listNames = {
  number: [
    '手机号',
    '手机号码',
    '电话号码',
    '电话',
    '号码',
    '联系号码',
    '主号码',
    '服务号码',
    'msisdn',
    'phone',
    'phone number',
    'mobile',
    'mobile number',
    'number',
    'telephone',
    'tel',
  ],
  name: ['姓名', '客户姓名', '客户名称', '用户姓名', '机主', '机主姓名', 'name', 'full name', 'customer name'],
  note: ['备注', '说明', '通话备注', '内容', '附注', 'note', 'notes', 'remark', 'remarks', 'comment'],
} as const;

/** `手机 号码（必填）` and `手机号码` are one name. */
export const headerKey = (header: string): string =>
  header
    .normalize('NFKC')
    .replace(/[([【].*?[)\]】]/gu, '')
    .toLowerCase()
    .replace(/[\s\p{P}\p{S}\p{Cf}]/gu, '');
