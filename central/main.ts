import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { dayOf } from '../shared/calendar.ts';
import { lowestServedProtocol, protocolVersion } from '../shared/central-api.ts';
import { defaultPolicy } from '../shared/policy.ts';
import { longestTurnTtl } from '../shared/ice.ts';
import { addAgent } from './add-agent.ts';
import { addTarget, removeTarget } from './add-target.ts';
import { breaksCommand } from './breaks-cli.ts';
import { calendarCommand } from './calendar-cli.ts';
import type { Log } from './ambient.ts';
import { openLog } from './log.ts';
import { systemRandom } from './ambient.ts';
import { CannotStart, fileFor } from './cannot-start.ts';
import { createCentral } from './central.ts';
import type { CentralOptions } from './central.ts';
import { companyFault, companyMap, companyOptions, openCompany } from './company-cli.ts';
import type { Database, DatabaseAt } from './db.ts';
import { DatabaseUnavailable, openDatabase } from './db.ts';
import { exported } from './exports-cli.ts';
import type { HttpFulfilment } from './http-fulfilment.ts';
import { makeHttpFulfilment } from './http-fulfilment.ts';
import { exchangeOf } from './exchange-cli.ts';
import { iceFault, type IceSettings } from './ice.ts';
import { NatsUnavailable, openNatsBus } from './nats-bus.ts';
import { systemClock } from './pbx.ts';
import { openSmsGateway, type SmsGateway, SmsGatewaySettings } from './sms-gateway.ts';
import { seatsCommand } from './seats-cli.ts';
import { outagesCommand } from './outages-cli.ts';
import { openSecrets } from './secrets.ts';
import { defaultTenant } from './tenancy.ts';

/** Runs central alone; practice mode starts it from practice/main.ts instead. */

const usage = `Usage: npm run central -- [serve] [options]
  --port N                 8470 by default; 0 takes a free one
  --host ADDRESS           127.0.0.1 by default
  --database-url URL       postgres://user:password@host/database
  --pool-size N            connections to it, 10 by default; one more listens
  --data DIR               embedded database instead, for pilots; .central by default
  --secret-file FILE       32 bytes or more, the same for all instances; kept in the database without it
  --pbx asterisk --pbx-descriptor FILE   as written by "npm run pbx"; without it nobody can be called
  --working-set queues|all which customers a seat holds; queues by default
  --stun URL,URL           STUN servers of the seats, as stun:stun.example:3478
  --turn URL,URL           TURN servers, as turn:turn.example:3478?transport=udp
  --turn-secret-file FILE  the secret shared with them (coturn: static-auth-secret)
  --turn-ttl SECONDS       how long a seat's TURN credentials live; 3600 by default, which is also the most
  --lowest-protocol N      seats that speak an older version are told to update; 2 keeps away those without a key of their own
  --metrics-token-file FILE  lets /metrics be read from other machines with this bearer token
  --drain-seconds N        how long to serve on after SIGTERM while /v1/ready already says no; 0 by default
  --nats URL               nats://host:4222 between the instances, instead of PostgreSQL's LISTEN/NOTIFY
  --sms-gateway-file FILE  the operator's gateway for text messages, as JSON: {"url": "https://…", "secret": "32 letters or more"}; what it
                           speaks is in central/sms-gateway.ts. Without it no code is sent and no sale is confirmed
  --trust-proxy A,A        addresses or networks of the proxies in front, whose X-Forwarded-For is believed
  --oidc-issuer URL        agents sign in with the account of their company, at this provider of OpenID Connect
  --oidc-client-id ID      central's name there
  --oidc-client-secret-file FILE   its secret, where the provider gives one
  --oidc-scopes A,B        openid,profile,offline_access by default
  --oidc-prompt WORD       login by default: the provider asks for the password each time; none: as it likes
  --oidc-recheck-seconds N how often it is asked whether an account is still good; 300 by default
  --oidc-embedded-port N   a provider of central's own at this port instead, with its agents and their passwords; for pilots
  --carrier-url URL        orders are provisioned and paid there (https, or http on this machine): signed requests, results at
                           /v1/carrier/results; without it agents and back teams say what was done
  --carrier-secret-file FILE  32 bytes or more, shared with the carrier, by which both ways are signed
  --passwords on|off       whether agents' passwords at central count beside it; on by default
  --relay-only WHO,WHO     whose sound goes through TURN only: all, a role, an agent's number or a seat's id

       npm run central -- add-agent --number N --name NAME [--queues a,b] [--role agent|lead|manager|admin] [--tenant T]
  adds an agent or gives one a new password, read from standard input

       npm run central -- company-map [--file MAP.json]
  which agent, role, tenant and queues an account of the company stands for; without a file prints the map as it is

       npm run central -- seats [--seat ID]
  lists the seats, or the ids of all customers whose data may lie on one of them
       npm run central -- seats --seat ID --order lock|wipe|unlock --reason TEXT
  nobody works at the seat from then on; a wiped seat destroys what it holds and says so

       npm run central -- add-target --kind queue|department --number N --name NAME [--id ID] [--name-en NAME]
                          [--category WORD] [--category-en WORD] [--place WORDS] [--place-en WORDS] [--pinyin WORD,WORD]
                          [--tenant T]
       npm run central -- remove-target --kind queue|department --id ID [--tenant T]
  what customers can be handed to besides colleagues, by every tenant's agents or by one's; the id is the number where none is given

       npm run central -- calendar [show | try FILE | import FILE]
  public holidays and worked weekends, by which due dates are counted: what is open and not late is counted again; "try" only says
  how much that is. FILE is JSON, a year or several:
  {"year": 2027, "source": "who decided it", "off": ["2027-01-01"], "work": ["2027-02-06"]}

       npm run central -- breaks [show [DAY] | import FILE]
  the breaks planned for agents; FILE replaces what is planned that day for the agents it names:
  {"day": "2026-11-30", "breaks": [{"agent": "1001", "reason": "break", "from": "10:15", "to": "10:30"}]}

       npm run central -- outages [show | import FILE | end ID]
  known outages and changes, which agents see before the caller asks; FILE is JSON, one or several:
  {"id": "lake-1", "kind": "outage", "area": "东湖区", "zh": "…", "en": "…", "from": "2026-11-28 10:00", "to": "2026-11-28 18:00"}

       npm run central -- export feedback [--day 2026-11-28] [--tenant T] > FILE.csv
  what customers said of products that day, for marketing: no number, no name
       npm run central -- export survey --id SCRIPT [--tenant T] > FILE.csv
  the answers of a survey; asked, finished and the response rate are told beside
`;

const commands = [
  'serve',
  'add-agent',
  'company-map',
  'seats',
  'add-target',
  'remove-target',
  'calendar',
  'breaks',
  'outages',
  'export',
] as const;

const optionTypes = {
  port: { type: 'string', default: '8470' },
  host: { type: 'string', default: '127.0.0.1' },
  'database-url': { type: 'string' },
  data: { type: 'string', default: '.central' },
  'secret-file': { type: 'string' },
  pbx: { type: 'string' },
  'pbx-descriptor': { type: 'string' },
  'working-set': { type: 'string', default: 'queues' },
  stun: { type: 'string', default: '' },
  turn: { type: 'string', default: '' },
  'turn-secret-file': { type: 'string' },
  'turn-ttl': { type: 'string', default: String(longestTurnTtl) },
  'lowest-protocol': { type: 'string', default: String(lowestServedProtocol) },
  'metrics-token-file': { type: 'string' },
  'drain-seconds': { type: 'string', default: '0' },
  'relay-only': { type: 'string', default: '' },
  number: { type: 'string' },
  name: { type: 'string' },
  queues: { type: 'string', default: '' },
  role: { type: 'string', default: 'agent' },
  seat: { type: 'string' },
  order: { type: 'string' },
  reason: { type: 'string' },
  kind: { type: 'string' },
  id: { type: 'string' },
  'name-en': { type: 'string', default: '' },
  category: { type: 'string', default: '' },
  'category-en': { type: 'string', default: '' },
  place: { type: 'string', default: '' },
  'place-en': { type: 'string', default: '' },
  pinyin: { type: 'string', default: '' },
  day: { type: 'string' },
  tenant: { type: 'string' },
  'pool-size': { type: 'string', default: '10' },
  nats: { type: 'string' },
  'sms-gateway-file': { type: 'string' },
  'trust-proxy': { type: 'string', default: '' },
  ...companyOptions,
  file: { type: 'string' },
  'carrier-url': { type: 'string' },
  'carrier-secret-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const readArgs = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: optionTypes, allowPositionals: true });
  } catch (fault) {
    throw new CannotStart(`${fault instanceof Error ? fault.message : 'wrong arguments'}\n\n${usage}`);
  }
};
type Values = ReturnType<typeof readArgs>['values'];

const main = async (): Promise<void> => {
  const { values, positionals } = readArgs(process.argv.slice(2));
  const [word = 'serve', ...words] = positionals;
  const command = commands.find((known) => known === word);
  if (values.help) return void process.stdout.write(usage);
  if (command === undefined) throw new CannotStart(`There is no "${word}".\n\n${usage}`);
  const url = values['database-url'];
  if (url !== undefined && !/^postgres(?:ql)?:\/\//.test(url))
    throw new CannotStart('--database-url begins with postgres://');
  const poolSize = Number(values['pool-size']);
  if (!Number.isInteger(poolSize) || poolSize < 2 || poolSize > 200)
    throw new CannotStart('--pool-size is a number from 2 to 200.');
  const log: Log = openLog();
  const at: DatabaseAt = url === undefined ? { kind: 'pglite', dir: values.data } : { kind: 'postgres', url, poolSize };
  const options = command === 'serve' ? await serveOptions(values, log) : undefined;
  const { nats } = values;
  if (nats !== undefined && !/^(?:nats|tls):\/\/[^\s/]+\/?$/.test(nats))
    throw new CannotStart('--nats is an address as nats://host:4222.');
  const database = await openDatabase(at, log, nats === undefined ? undefined : (name) => openNatsBus(nats, name, log));
  if (options === undefined) {
    if (command === 'add-target') await addTarget(database, values);
    else if (command === 'remove-target') await removeTarget(database, values);
    else if (command === 'calendar') await calendar(database, values, words);
    else if (command === 'breaks') await breaksCommand(database.db, words, defaultPolicy.notReadyReasons, Date.now());
    else if (command === 'outages') await outagesCommand(database.db, words, Date.now());
    else if (command === 'export') await exportTo(database, values, words[0]);
    else if (command === 'add-agent') await addAgent(database, { ...values, tenant: values.tenant ?? defaultTenant });
    else if (command === 'company-map') await companyMap(database, values.file);
    else await seats(database, values);
    return database.close();
  }

  const company = await openCompany(values, database.db, log);
  const sms = await smsOf(values, log);
  const central = await createCentral({
    ...{ ...options, db: database },
    ...(company === undefined ? {} : { company: company.settings }),
    ...(sms === undefined ? {} : { sms }),
  });
  sms?.attach(central.app);
  const stop = async (): Promise<void> => {
    await central.drain(Number(values['drain-seconds']) * 1_000);
    await central.close();
    await Promise.all([
      company?.close(),
      options.pbx.close(),
      options.supervision?.close(),
      options.recorder?.close(),
      options.keypad?.close(),
      options.dialler?.close(),
    ]);
    await database.close();
  };
  // Before it says that it is ready: whoever waits for that may end it at once.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
  try {
    const address = await central.listen({ port: portOf(values.port), host: values.host });
    process.stdout.write(`central ready: ${address}\n`);
  } catch (fault) {
    await stop();
    throw fault;
  }
};

const calendar = async (database: Database, values: Values, words: readonly string[]): Promise<void> => {
  const file = values['secret-file'];
  const secret = file === undefined ? undefined : await fileFor('--secret-file', file);
  const { auditKey } = await openSecrets(database.db, secret);
  await calendarCommand({ database, auditKey, nowMs: Date.now }, words);
};

const seats = async (database: Database, values: Values): Promise<void> => {
  const { seat, order, reason } = values;
  const asked = {
    ...(seat === undefined ? {} : { seat }),
    ...(order === undefined ? {} : { order }),
    ...(reason === undefined ? {} : { reason }),
  };
  const file = values['secret-file'];
  const secrets = await openSecrets(database.db, file === undefined ? undefined : await fileFor('--secret-file', file));
  try {
    process.stdout.write(await seatsCommand(database, secrets, { ...asked, nowMs: Date.now() }));
  } catch (fault) {
    await database.close();
    throw new CannotStart(fault instanceof Error ? fault.message : 'not done');
  }
};

/** Rows to standard output, what they come to beside it. */
const exportTo = async (database: Database, values: Values, what: string | undefined): Promise<void> => {
  const asked = { what, day: values.day ?? dayOf(Date.now()), script: values.id };
  try {
    const { csv, summary } = await exported(database.tenant(values.tenant ?? defaultTenant), asked);
    process.stdout.write(csv);
    process.stderr.write(`${summary}\n`);
  } catch (fault) {
    await database.close();
    throw new CannotStart(fault instanceof Error ? fault.message : 'not done');
  }
};

const portOf = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CannotStart('--port is a number from 0 to 65535.');
  return port;
};

const serveOptions = async (values: Values, log: Log): Promise<Omit<CentralOptions, 'db'>> => {
  portOf(values.port);
  const workingSet = values['working-set'];
  if (workingSet !== 'queues' && workingSet !== 'all') throw new CannotStart('--working-set is queues or all.');
  const secretFile = values['secret-file'];
  const secret = secretFile === undefined ? undefined : await fileFor('--secret-file', secretFile);
  if (secret !== undefined && secret.length < 32)
    throw new CannotStart('The file of --secret-file is shorter than 32 bytes.');
  if (!/^\d{1,3}$/.test(values['drain-seconds'])) throw new CannotStart('--drain-seconds is a number from 0 to 999.');
  const lowestProtocol = Number(values['lowest-protocol']);
  if (!Number.isInteger(lowestProtocol) || lowestProtocol < lowestServedProtocol || lowestProtocol > protocolVersion)
    throw new CannotStart(`--lowest-protocol is a number from ${lowestServedProtocol} to ${protocolVersion}.`);
  const tokenFile = values['metrics-token-file'];
  const metricsToken =
    tokenFile === undefined ? undefined : String(await fileFor('--metrics-token-file', tokenFile)).trim();
  if (metricsToken !== undefined && metricsToken.length < 16)
    throw new CannotStart('The token of --metrics-token-file is shorter than 16 characters.');
  const wrong = companyFault(values);
  if (wrong !== undefined) throw new CannotStart(wrong);
  const ice = await iceOf(values);
  const trustedProxies = values['trust-proxy'].split(',').filter((one) => one !== '');
  if (trustedProxies.some((one) => isIP(one.split('/')[0] ?? '') === 0))
    throw new CannotStart('--trust-proxy takes addresses and networks, as 10.0.0.5 or 10.0.0.0/24.');
  const carrier = await carrierOf(values, log);
  const exchange = await exchangeOf(values, log);
  const clock = systemClock;
  return {
    clock,
    random: systemRandom,
    log,
    workingSet,
    ice,
    trustedProxies,
    lowestProtocol,
    ...(carrier === undefined ? {} : { fulfilment: carrier, attach: carrier.attach }),
    ...(metricsToken === undefined ? {} : { metricsToken }),
    ...(secret === undefined ? {} : { secret: new Uint8Array(secret) }),
    ...exchange,
  };
};

const smsOf = async (values: Values, log: Log): Promise<SmsGateway | undefined> => {
  const file = values['sms-gateway-file'];
  if (file === undefined) return undefined;
  const text = String(await fileFor('--sms-gateway-file', file));
  try {
    const settings = SmsGatewaySettings.parse(JSON.parse(text));
    return openSmsGateway(settings, { clock: systemClock, log, newId: () => crypto.randomUUID() });
  } catch {
    throw new CannotStart('The file of --sms-gateway-file is JSON with "url" and "secret" (32 letters or more).');
  }
};

const carrierOf = async (values: Values, log: Log): Promise<HttpFulfilment | undefined> => {
  const { 'carrier-url': url, 'carrier-secret-file': file } = values;
  if (url === undefined && file === undefined) return undefined;
  if (url === undefined || file === undefined) throw new CannotStart('--carrier-url needs --carrier-secret-file FILE.');
  if (!/^https:\/\/|^http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/]/u.test(url) || !URL.canParse(url))
    throw new CannotStart('--carrier-url begins with https:// (http:// only on this machine).');
  const secret = await fileFor('--carrier-secret-file', file);
  if (secret.length < 32) throw new CannotStart('The file of --carrier-secret-file is shorter than 32 bytes.');
  return makeHttpFulfilment({ url, secret: new Uint8Array(secret) }, { clock: systemClock, log });
};

const iceOf = async (values: Values): Promise<IceSettings> => {
  const file = values['turn-secret-file'];
  const listed = (text: string): readonly string[] => text.split(',').filter((one) => one !== '');
  const ice: IceSettings = {
    stun: listed(values.stun),
    turn: listed(values.turn),
    secret: file === undefined ? '' : String(await fileFor('--turn-secret-file', file)).trim(),
    ttlSeconds: Number(values['turn-ttl']),
    relayOnly: listed(values['relay-only']),
  };
  const fault = iceFault(ice);
  if (fault !== undefined) throw new CannotStart(fault);
  return ice;
};

const sentenceOf = (fault: unknown): string => {
  if (fault instanceof CannotStart || fault instanceof DatabaseUnavailable || fault instanceof NatsUnavailable)
    return fault.message;
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  if (code === 'EADDRINUSE') return 'The port is in use: stop what runs there, or choose another with --port.';
  if (code === 'EADDRNOTAVAIL') return 'This machine does not have the address of --host.';
  if (code === 'EACCES') return 'The port may not be opened by this user: choose one above 1023.';
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
};

await main().catch((fault: unknown) => {
  process.stderr.write(`${sentenceOf(fault)}\n`);
  process.exitCode = 1;
});
