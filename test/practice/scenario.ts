import { authorise } from './digest-client.ts';
import { passwords, type Bench, type Phone } from './sip-peer.ts';
import type { SipHeader } from '../../practice/exchange/sip-message.ts';

/** REGISTER with digest, to the 200; returns the answer's status. */
export const register = (phone: Phone, headers: readonly SipHeader[] = []): number => {
  const ask = (extra: readonly SipHeader[]): void =>
    phone.send(phone.request('REGISTER', 'sip:127.0.0.1', { to: `<sip:${phone.user}@127.0.0.1>`, headers: extra }));
  ask(headers);
  const [challenge] = phone.take();
  if (challenge?.kind !== 'response' || challenge.status !== 401) throw new Error('no challenge');
  const proof = authorise(challenge, {
    user: phone.user,
    password: passwords[phone.user] ?? '',
    method: 'REGISTER',
    uri: 'sip:127.0.0.1',
    algorithm: 'MD5',
  });
  ask([proof, ...headers]);
  return phone.statuses()[0] ?? 0;
};

export const registered = (bench: Bench, ...users: readonly string[]): readonly Phone[] =>
  users.map((user) => {
    const phone = bench.phone(user);
    if (register(phone) !== 200) throw new Error(`${user} could not register`);
    return phone;
  });
