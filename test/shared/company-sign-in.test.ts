import { describe, expect, it } from 'vitest';
import type { CompanyEvent, CompanySignIn } from '../../shared/company-sign-in.ts';
import { nextCompanySignIn, refusalOfProvider } from '../../shared/company-sign-in.ts';
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
