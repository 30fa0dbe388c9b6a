/**
 * A private Asterisk: own folders, free ports on loopback, secrets of this run, the reference configuration of
 * central/asterisk/. Plain JavaScript for Node ≥ 20 and no packages; `npm run pbx`, tests and benches share it.
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { abandonedMessage } from './abandoned-message.mjs';
import { holdMusic } from './hold-music.mjs';
import { PbxUnavailable, provideAsterisk, setpriv } from './pbx-install.mjs';

const templates = join(dirname(fileURLToPath(import.meta.url)), '../central/asterisk');
const host = '127.0.0.1';
/** The customers' side has a loopback address of its own: Asterisk knows the trunk by its address (pjsip.conf, identify). */
const customerHost = '127.0.0.2';
/** A second where nothing else runs; a machine with twenty programs waiting for two cores took more than 15. */
const bootMs = 40_000;
const stopMs = 3_000;

/**
 * Starts a private exchange; resolved once it takes registrations and calls (about a second).
 * @param {import('./pbx-instance.d.mts').PbxOptions} [options]
 * @returns {Promise<import('./pbx-instance.d.mts').RunningPbx>}
 * @throws {PbxUnavailable} with a sentence that says what is missing
 */
export const startPbx = async (options = {}) => {
  const tell = options.tell ?? (() => undefined);
  const asterisk = await provideAsterisk(tell);
  let failure = '';
  // A free port may be taken between asking and binding; other ones are tried before giving up.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const started = await tryStart(asterisk, options);
    if (typeof started !== 'string') return started;
    failure = started;
  }
  throw new PbxUnavailable(`Asterisk ${asterisk.version} did not start: ${failure}`);
};

/**
 * @param {import('./pbx-install.d.mts').Asterisk} asterisk
 * @param {import('./pbx-instance.d.mts').PbxOptions} options
 * @returns {Promise<import('./pbx-instance.d.mts').RunningPbx | string>} or why it did not start
 */
const tryStart = async (asterisk, options) => {
  const dir = mkdtempSync(join(options.parentDir ?? tmpdir(), 'zuoxi-pbx-'));
  const descriptor = await describe(dir, asterisk.version, options);
  render(dir, asterisk, descriptor, options.append ?? {});
  let child = launch(asterisk, dir);
  const remove = () => {
    if (options.keepFolder !== true) rmSync(dir, { recursive: true, force: true });
  };
  const failure = await booted(child, descriptor);
  if (failure !== undefined) {
    await end(child);
    const log = messages(dir);
    remove();
    return log === '' ? failure : `${failure} ${log}`;
  }
  writeFileSync(options.out ?? join(dir, 'pbx.json'), `${JSON.stringify(descriptor, null, 2)}\n`, { mode: 0o600 });
  return {
    descriptor,
    dir,
    exited: () =>
      new Promise((resolve) => (isRunning(child) ? child.once('exit', () => resolve(undefined)) : resolve(undefined))),
    messages: () => messages(dir),
    /** As after a crash or an upgrade: same ports and secrets, registrations, calls and queue members gone. */
    restart: async () => {
      await end(child);
      child = launch(asterisk, dir);
      const again = await booted(child, descriptor);
      if (again !== undefined) throw new PbxUnavailable(again);
    },
    stop: async () => {
      await end(child);
      remove();
    },
  };
};

/**
 * @param {string} dir
 * @param {string} version
 * @param {import('./pbx-instance.d.mts').PbxOptions} options
 * @returns {Promise<import('./pbx-instance.d.mts').PbxDescriptor>}
 */
const describe = async (dir, version, options) => {
  const [httpPort, amiPort] = await Promise.all([freeTcpPort(), freeTcpPort()]);
  const [sipPort, customerPort] = await Promise.all([freeUdpPort(host), freeUdpPort(customerHost)]);
  const agents = Array.from({ length: options.agents ?? 20 }, (_, i) => ({
    user: String(1001 + i),
    password: secret(),
  }));
  return {
    version,
    ws: `ws://${host}:${httpPort}/ws`,
    domain: host,
    ami: { host, port: amiPort, user: 'central', secret: secret() },
    ari: `http://${host}:${httpPort}/ari`,
    sip: { host, port: sipPort },
    customer: { host: customerHost, port: customerPort },
    agents,
    queues: { service: '6001', vip: '6002', marketing: '6003' },
    echo: '6099',
    recordings: join(dir, 'spool/monitor'),
  };
};

/**
 * @param {string} dir
 * @param {import('./pbx-install.d.mts').Asterisk} asterisk
 * @param {import('./pbx-instance.d.mts').PbxDescriptor} descriptor
 * @param {Readonly<Record<string, string>>} append
 */
const render = (dir, asterisk, descriptor, append) => {
  const folders = {
    etcDir: 'etc',
    stateDir: 'state',
    spoolDir: 'spool',
    runDir: 'run',
    logDir: 'log',
    holdMusicDir: 'hold-music',
    messageDir: 'messages',
  };
  for (const folder of [...Object.values(folders), 'spool/monitor', 'spool/tmp', 'state/keys'])
    mkdirSync(join(dir, folder), { recursive: true, mode: 0o700 });
  // 1,000 ports from a random even start: two sockets a leg, and two instances seldom look in the same place.
  const rtpStart = 20_000 + 2 * randomInt(5_000);
  const values = {
    ...Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, join(dir, folder)])),
    moduleDir: asterisk.moduleDir,
    dataDir: asterisk.dataDir,
    maxFiles: 4_096,
    httpPort: Number(new URL(descriptor.ws).port),
    amiPort: descriptor.ami.port,
    amiUser: descriptor.ami.user,
    amiSecret: descriptor.ami.secret,
    rtpStart,
    rtpEnd: rtpStart + 999,
    mediaHost: host,
    networkAddress: networkAddress() ?? host,
    sipHost: descriptor.sip.host,
    sipPort: descriptor.sip.port,
    customerHost: descriptor.customer.host,
    customerPort: descriptor.customer.port,
    serviceNumber: '4000000001',
    marketingNumber: '4000000002',
  };
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(join(dir, 'etc', name), text, { mode: 0o600 });
  for (const name of readdirSync(templates).filter((file) => file.endsWith('.conf') && file !== 'pjsip_agent.conf'))
    write(
      name,
      `${present(asterisk, fill(name, readFileSync(join(templates, name), 'utf8'), values))}${append[name] ?? ''}`,
    );
  const agent = readFileSync(join(templates, 'pjsip_agent.conf'), 'utf8');
  write('pjsip_agents.conf', descriptor.agents.map((values) => fill('pjsip_agent.conf', agent, values)).join('\n'));
  writeFileSync(join(dir, 'hold-music/quiet.wav'), holdMusic());
  writeFileSync(join(dir, 'messages/abandoned.wav'), abandonedMessage());
  // `core show help` and the checks of options need the documentation; ARI reads its resources from the state folder.
  for (const folder of ['documentation', 'rest-api'])
    if (existsSync(join(asterisk.dataDir, folder)))
      cpSync(join(asterisk.dataDir, folder), join(dir, 'state', folder), { recursive: true });
};

/**
 * Leaves out optional modules that this Asterisk lacks (distributions differ), which it would log as errors.
 * @param {import('./pbx-install.d.mts').Asterisk} asterisk
 * @param {string} text
 */
const present = (asterisk, text) =>
  text.replace(/^load = (\S+\.so)\n/gm, (line, module) => (existsSync(join(asterisk.moduleDir, module)) ? line : ''));

/**
 * @param {string} name
 * @param {string} template
 * @param {Readonly<Record<string, string | number>>} values
 */
const fill = (name, template, values) =>
  template.replace(/^(?!\s*;).*$/gm, (line) =>
    line.replace(/\{\{(\w+)\}\}/g, (_, key) => {
      const value = values[key];
      if (value === undefined) throw new Error(`central/asterisk/${name} asks for ${key}, which nobody gives`);
      return String(value);
    }),
  );

/**
 * @param {import('./pbx-install.d.mts').Asterisk} asterisk
 * @param {string} dir
 */
const launch = (asterisk, dir) => {
  const command = [...asterisk.command, '-f', '-C', join(dir, 'etc/asterisk.conf')];
  // If this process is killed outright the kernel ends Asterisk too: no exchange is left behind.
  const tied = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...command] : command;
  const [file = '', ...args] = tied;
  const child = spawn(file, args, {
    stdio: 'ignore',
    cwd: dir,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', HOME: dir },
  });
  child.on('error', () => undefined); // seen as an early exit
  return child;
};

/** @param {import('node:child_process').ChildProcess} child */
const isRunning = (child) => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/**
 * Waits until every module is loaded and the seats' port answers.
 * @param {import('node:child_process').ChildProcess} child
 * @param {import('./pbx-instance.d.mts').PbxDescriptor} descriptor
 * @returns {Promise<string | undefined>} what went wrong
 */
const booted = async (child, { ami, ws }) => {
  const until = Date.now() + bootMs;
  while (!(await fullyBooted(ami))) {
    if (!isRunning(child)) return 'it ended while starting.';
    if (Date.now() > until) return `it was not ready within ${bootMs / 1000} s.`;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return (await answers(Number(new URL(ws).port))) ? undefined : 'its WebSocket port was taken.';
};

/**
 * @param {import('./pbx-instance.d.mts').PbxDescriptor['ami']} ami
 * @returns {Promise<boolean>}
 */
const fullyBooted = (ami) =>
  new Promise((resolve) => {
    const socket = connect(ami.port, ami.host);
    let heard = '';
    const finish = (/** @type {boolean} */ result) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2_000, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('connect', () =>
      socket.write(`Action: Login\r\nUsername: ${ami.user}\r\nSecret: ${ami.secret}\r\nEvents: system\r\n\r\n`),
    );
    socket.on('data', (chunk) => {
      heard = (heard + chunk.toString('utf8')).slice(-10_000);
      if (heard.includes('Event: FullyBooted')) finish(true);
      else if (heard.includes('Response: Error')) finish(false);
    });
  });

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** @param {import('node:child_process').ChildProcess} child */
const end = async (child) => {
  if (!isRunning(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone;
  clearTimeout(timer);
};

/** @param {string} dir the last warnings and errors of Asterisk, for a person looking for the cause */
const messages = (dir) => {
  const file = join(dir, 'log/messages.log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-20).join('\n') : '';
};

/**
 * The first address of this machine on a network. Asterisk finds ICE candidates by network interfaces other than loopback (what it
 * tells of them is rtp.conf's matter); without any there is no audio to a browser.
 * @returns {string | undefined}
 */
export const networkAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

const secret = () => randomBytes(18).toString('base64url');

/** @returns {Promise<number>} */
const freeTcpPort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/**
 * @param {string} address
 * @returns {Promise<number>}
 */
const freeUdpPort = (address) =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, address, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
