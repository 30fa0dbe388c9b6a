import { describe, expect, it } from 'vitest';
import type { CompanyEvent, CompanySignIn } from '../../shared/company-sign-in.ts';
import { isPage, nextCompanySignIn, refusalOfProvider } from '../../shared/company-sign-in.ts';
import { refusal } from '../../shared/result.ts';

const why = { kind: 'forbidden' as const, reason: 'providerRefused', params: {} };
const states: Readonly<Record<CompanySignIn['kind'], CompanySignIn>> = {
  offered: { kind: 'offered' },
  beginning: { kind: 'beginning' },
  waiting: { kind: 'waiting', url: 'https://id.example', untilMs: 5 },
  finishing: { kind: 'finishing' },
  refused: { kind: 'refused', why },
};
const events: Readonly<Record<CompanyEvent['kind'], CompanyEvent>> = {
  asked: { kind: 'asked' },
  begun: { kind: 'begun', url: null, untilMs: 9 },
  answered: { kind: 'answered' },
  takenOver: { kind: 'takenOver' },
  refused: { kind: 'refused', why: refusal('forbidden', 'providerRefused') },
  cancelled: { kind: 'cancelled' },
  signedIn: { kind: 'signedIn' },
};
/** What each event leads to; what is not named changes nothing. */
const leads: Readonly<Record<CompanySignIn['kind'], Partial<Record<CompanyEvent['kind'], CompanySignIn['kind']>>>> = {
  offered: { asked: 'beginning' },
  beginning: { begun: 'waiting', refused: 'refused', cancelled: 'offered', signedIn: 'offered' },
  waiting: { answered: 'finishing', refused: 'refused', cancelled: 'offered', signedIn: 'offered' },
  finishing: { refused: 'refused', signedIn: 'offered' },
  refused: {
    asked: 'beginning',
    takenOver: 'finishing',
    refused: 'refused',
    cancelled: 'offered',
    signedIn: 'offered',
  },
};

it('security 21: only a page becomes a link', () => {
  for (const page of [
    'https://id.example/a?b=c&d=%20',
    'http://127.0.0.1:4000/auth',
    'http://localhost/x',
    'https://id.example:8443',
  ])
    expect(isPage(page), page).toBe(true);
  for (const other of [
    ...['javascript:alert(1)', 'JaVaScRiPt:x', 'data:text/html,x', '//evil.invalid', 'http://evil.invalid/', ''],
    ...['https://', 'https://a b', 'https://a/<b>', ' https://a', 'http://127.0.0.1.evil.invalid/', 'https:\\\\a'],
  ])
    expect(isPage(other), other).toBe(false);
});

describe('signing in with the company’s account, at the seat', () => {
  it.each(Object.keys(states) as CompanySignIn['kind'][])('%s: every event', (name) => {
    for (const event of Object.values(events)) {
      const next = nextCompanySignIn(states[name], event);
      const to = leads[name][event.kind];
      if (to === undefined) expect(next, event.kind).toBe(states[name]);
      else expect(next.kind, event.kind).toBe(to);
    }
  });

  it.each([
    ['access_denied', 'companySignInCancelled'],
    ['server_error', 'providerUnavailable'],
    ['temporarily_unavailable', 'providerUnavailable'],
    ['invalid_scope', 'providerRefused'],
    ['<script>', 'providerRefused'],
  ])('the provider’s %s is told as %s', (error, reason) => {
    expect(refusalOfProvider(error).reason).toBe(reason);
  });
});
