import { listNames } from '../../shared/list-columns.ts';
import type { ImportKind } from './progress.ts';

/**
 * The names by which files call our fields: the one table of them. Names are compared without case, spaces, punctuation and what
 * stands in brackets, full width as half width (`headerKey`); a list's are in shared/list-columns.ts. The first name is how the field is called to people.
 */
const customerColumns = {
  id: [
    '客户编号',
    '客户id',
    '客户号',
    '客户标识',
    '用户编号',
    '用户id',
    'customer id',
    'customer no',
    'customer number',
    'id',
    'account',
  ],
  number: listNames.number,
  otherNumbers: [
    '其他号码',
    '备用号码',
    '副号码',
    '备用电话',
    'other numbers',
    'other number',
    'second number',
    'alternative number',
  ],
  fullName: listNames.name,
  gender: ['性别', 'gender', 'sex'],
  language: ['语言', '服务语言', 'language'],
  area: ['地区', '区域', '归属地', '地市', '区县', 'area', 'region', 'district', 'city'],
  list: ['红黑名单', '名单', '名单类型', 'list', 'red black list'],
  card: ['客户级别', '卡级', '会员等级', '会员级别', '星级卡', 'card', 'card level', 'membership'],
  tier: ['客户分层', '分层', 'tier', 'segment'],
  manager: ['客户经理', '经理', 'account manager', 'manager'],
  packageName: [
    '套餐',
    '套餐名称',
    '主套餐',
    '资费',
    '资费套餐',
    'package',
    'plan',
    'package name',
    'plan name',
    'tariff',
  ],
  packageId: ['套餐编码', '套餐编号', '套餐代码', 'package id', 'plan id', 'package code', 'tariff id'],
  arpu: ['arpu', '月均消费', '平均消费', 'arpu值', 'monthly spend', 'average spend'],
  lastBill: ['上月账单', '上月话费', '最近账单', '本期账单', 'last bill', 'bill'],
  previousBill: ['上上月账单', '前月账单', '前一账单', '上期账单', 'previous bill'],
  tenureMonths: ['网龄', '在网月数', '在网时长', '网龄月', 'tenure', 'tenure months', 'months on net'],
  memberSince: ['入网日期', '入网时间', '开户日期', '开户时间', 'member since', 'joined', 'activation date'],
  creditScore: ['信用分', '信用', '信用度', '信用积分', 'credit', 'credit score'],
  contractEnds: [
    '合约到期',
    '合约到期日',
    '合约结束',
    '协议到期',
    'contract end',
    'contract ends',
    'contract end date',
  ],
  longDistanceShare: ['长途占比', '长途费占比', 'long distance share'],
  dataUsedShare: ['流量使用率', '流量饱和度', 'data used share', 'data used'],
  roamingDays: ['漫游天数', 'roaming days'],
  rivalForwarding: ['异网呼转', '呼转竞网', '呼转异网', 'rival forwarding'],
  daysSinceLastRecord: ['无话单天数', '未通话天数', 'days since last record'],
  refusesMarketing: ['拒绝营销', '免打扰', '营销免打扰', '拒绝外呼', 'do not call', 'dnc', 'refuses marketing'],
  roaming: ['漫游', '是否漫游', '漫游状态', 'roaming'],
  network: ['网络', '网络类型', '制式', 'network'],
  balance: ['余额', '账户余额', 'balance'],
  points: ['积分', '积分余额', 'points'],
  idNumber: ['身份证号', '身份证', '证件号码', '证件号', '身份证号码', 'id number', 'id card', 'identity number'],
  address: ['地址', '住址', '登记地址', '装机地址', 'address', 'registered address'],
  contactPhone: ['联系电话', '联系人电话', '预留电话', 'contact phone'],
  birthday: ['生日', '出生日期', 'birthday', 'date of birth', 'birth date'],
  servicePassword: ['服务密码', '客服密码', 'service password'],
  queues: ['队列', '技能队列', '技能组', 'queue', 'queues', 'skill group'],
} as const;

const historyColumns = {
  contactId: ['接触编号', '流水号', '通话流水号', '记录编号', '工单流水', 'contact id', 'record id', 'call id', 'id'],
  customerId: [
    '客户编号',
    '客户id',
    '客户号',
    '客户标识',
    '用户编号',
    '用户id',
    'customer id',
    'customer no',
    'account',
  ],
  number: [
    '手机号',
    '手机号码',
    '电话号码',
    '电话',
    '号码',
    '客户号码',
    'phone',
    'phone number',
    'mobile',
    'number',
    'msisdn',
  ],
  direction: ['方向', '呼叫方向', '呼入呼出', '通话方向', 'direction', 'call direction'],
  startedAt: [
    '开始时间',
    '通话时间',
    '呼叫时间',
    '接触时间',
    '时间',
    '日期',
    'started at',
    'start time',
    'call time',
    'date',
    'time',
  ],
  talkSeconds: ['通话时长', '时长', '通话秒数', '通话时长秒', 'talk seconds', 'duration', 'talk time', 'seconds'],
  topic: ['业务主题', '主题', '业务类型', '来电原因', 'topic', 'subject'],
  disposition: ['小结', '通话结果', '结果', '服务小结', 'disposition', 'outcome', 'result'],
  agentName: ['坐席', '坐席姓名', '客服', '话务员', '工号', 'agent', 'agent name', 'operator'],
  note: listNames.note,
} as const;

const listColumns = {
  ...listNames,
  customerId: historyColumns.customerId,
} as const;

export type CustomerField = keyof typeof customerColumns;
export type HistoryField = keyof typeof historyColumns;
export type ListField = keyof typeof listColumns;

type Fields = Readonly<Record<string, readonly string[]>>;
export const columnsOf: Readonly<Record<ImportKind, Fields>> = {
  customers: customerColumns,
  histories: historyColumns,
  lists: listColumns,
};

/** Without one of these no row can be read. */
export const requiredOf: Readonly<Record<ImportKind, readonly string[]>> = {
  customers: ['id', 'number', 'fullName'] satisfies CustomerField[],
  histories: ['startedAt', 'direction'] satisfies HistoryField[],
  lists: ['number'] satisfies ListField[],
};

/** What the report of bad rows puts before the columns of the file, so that a repaired report can be imported. */
export const reportColumns = ['导入行号 / import row', '导入列 / import column', '导入原因', 'import reason'] as const;
