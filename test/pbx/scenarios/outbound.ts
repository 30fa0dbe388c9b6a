import { expect } from 'vitest';
import type { EndCause } from '../../../shared/call.ts';
import { endBy, type Ending, expectEnd } from './endings.ts';
import { scenario } from './scenario.ts';

// The agent calls. What rings is heard as ring-back (450 Hz, made at the seat), what is refused is said by its cause.

const ringBack = { name: 'ring-back', hz: 450 } as const;
const who: readonly Ending[] = ['agent', 'customer', 'exchange'];

for (const ending of who) {
  scenario(`out, answered, ended by the ${ending}`, 'seat → SIPp', async (w, m) => {
    await w.agent.dial(w.sipp.number);
    await w.sipp.answer();
    await w.agent.reaches('talking');
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, ending, w.sipp);
  });
  scenario(`out, answered by baresip, ended by the ${ending}`, 'seat → baresip', async (w, m) => {
    await w.agent.dial(w.baresip.number);
    await w.baresip.answer();
    await w.agent.reaches('talking');
    await m.bothWays(w.agent, w.baresip);
    await endBy(w, ending, w.baresip);
  });
}

scenario('out to a customer with Opus', 'seat → baresip', async (w, m) => {
  await w.agent.dial(w.opus.number);
  await w.opus.answer();
  await m.bothWays(w.agent, w.opus);
  await endBy(w, 'agent', w.opus);
});

scenario('out to a customer with G.722', 'seat → baresip', async (w, m) => {
  await w.agent.dial(w.g722.number);
  await w.g722.answer();
  await m.bothWays(w.agent, w.g722);
  await endBy(w, 'agent', w.g722);
});

scenario('out to a colleague', 'seat 1001 → seat 1002', async (w, m) => {
  await w.agent.dial('1002');
  await w.colleague.answer();
  await m.bothWays(w.agent, w.colleague);
  await endBy(w, 'agent', w.colleague);
});

scenario('out to the echo test: the agent hears the own voice', 'seat → Echo()', async (w, m) => {
  await w.agent.dial(w.exchange.descriptor.echo);
  await w.agent.reaches('talking');
  await m.hears(w.agent, w.agent);
  await w.agent.hangUp();
  await expectEnd(w, 'agentHungUp');
});

/** What the seat says of a refusal: Asterisk passes some statuses on as others of the same meaning. */
const refusals: readonly (readonly [status: number, cause: readonly EndCause[]])[] = [
  [486, ['busy']],
  [600, ['busy']],
  [480, ['noAnswer']],
  [408, ['noAnswer']],
  [404, ['notFound']],
  [484, ['notFound']],
  [603, ['declined']],
  [403, ['declined']],
  [503, ['server']],
  [500, ['server']],
  [488, ['media', 'server']],
];
for (const [status, causes] of refusals)
  scenario(`out, rings and is refused with ${status}`, 'seat → SIPp', async (w, m) => {
    await w.agent.dial(w.sipp.number);
    await w.sipp.called();
    w.sipp.say(180);
    await w.agent.reaches('ringingOut');
    await m.hears(w.agent, ringBack);
    w.sipp.say(status);
    expect(causes).toContain((await w.agent.reaches('ended')).cause);
    await m.silent(w.agent, ringBack);
  });

scenario('out, refused before it rings', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(486);
  await expectEnd(w, 'busy');
  await m.silent(w.agent, ringBack);
});

scenario('out, answered without ringing', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.pickUp();
  await w.agent.reaches('talking');
  await m.bothWays(w.agent, w.sipp);
  await m.silent(w.agent, ringBack);
  await endBy(w, 'customer', w.sipp);
});

for (const steps of [[180], [181, 180], [182, 180], [180, 180], [199, 180]])
  scenario(`out, ${steps.join(', ')}, then answered: ring-back until then`, 'seat → SIPp', async (w, m) => {
    await w.agent.dial(w.sipp.number);
    await w.sipp.called();
    for (const status of steps) w.sipp.say(status);
    await w.agent.reaches('ringingOut');
    await m.hears(w.agent, ringBack);
    w.sipp.pickUp();
    await w.agent.reaches('talking');
    await m.bothWays(w.agent, w.sipp);
    await m.silent(w.agent, ringBack);
    await endBy(w, 'agent', w.sipp);
  });

scenario('out, early media (183): the network’s announcement is heard, then answered', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(183);
  await w.agent.reaches('ringingOut');
  await m.hears(w.agent, w.sipp);
  w.sipp.pickUp();
  await w.agent.reaches('talking');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('out, early media, then refused: the announcement is over', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(183);
  await m.hears(w.agent, w.sipp);
  w.sipp.say(404);
  await expectEnd(w, 'notFound');
  await m.silent(w.agent, w.sipp);
});

scenario('out, 180 and then early media: no ring-back over the announcement', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(180);
  await w.agent.reaches('ringingOut');
  await m.hears(w.agent, ringBack);
  w.sipp.say(183);
  await m.hears(w.agent, w.sipp);
  await m.silent(w.agent, ringBack);
  w.sipp.pickUp();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('out, one branch rings with early media, another answers (fork)', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(199);
  w.sipp.say(180);
  await w.agent.reaches('ringingOut');
  await m.hears(w.agent, ringBack);
  w.sipp.pickUp();
  await w.agent.reaches('talking');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('out, given up while it rings: the customer’s telephone stops', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(180);
  await w.agent.reaches('ringingOut');
  await m.hears(w.agent, ringBack);
  await w.agent.hangUp();
  await expectEnd(w, 'agentHungUp');
  await w.trunk.tape.until('CANCEL', ({ from, line }) => from === 'exchange' && line.startsWith('CANCEL '));
  await m.silent(w.agent, ringBack);
});

scenario('out, given up at the moment of the answer', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.say(180);
  await w.agent.reaches('ringingOut');
  await m.hears(w.agent, ringBack);
  w.sipp.pickUp();
  await w.agent.hangUp();
  await expectEnd(w, 'agentHungUp');
  await m.silent(w.agent, w.sipp);
});

scenario('out, the customer renews the session right after the answer', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  expect(await w.sipp.reinvite({})).toBe(200);
  await w.agent.reaches('talking');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('out, answered and hung up at once', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await w.sipp.hangUp();
  await w.agent.ended();
  expect((await w.agent.reaches('ended')).cause).toBe('customerHungUp');
  await m.silent(w.agent, w.sipp);
});

for (const number of ['+8613800139000', '013800139000', '13800139000123456789'])
  scenario(`out to ${number}`, 'seat → SIPp', async (w, m) => {
    w.trunk.route(number, w.sipp.port);
    await w.agent.dial(number);
    expect(await w.sipp.called(number)).toBe(number);
    w.sipp.pickUp();
    await w.agent.reaches('talking');
    expect(w.agent.newest()?.number).toBe(number);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  });

scenario('out to a number that is too long (23 digits): not found, nothing leaves', 'seat → exchange', async (w, m) => {
  await w.agent.dial('13800139000138001390001');
  await expectEnd(w, 'notFound');
  expect(w.trunk.tape.sinceMark().filter(({ line }) => line.startsWith('INVITE'))).toEqual([]);
  await m.silent(w.agent, ringBack);
});
