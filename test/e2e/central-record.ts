import { randomUUID } from 'node:crypto';
import { ContactsResponse, protocolVersion, SignInResponse } from '../../shared/central-api.ts';
import type { Contact } from '../../shared/contact.ts';

/** What central knows of a customer's contacts, asked as another program would ask it: over its API. */
export const contactsAtCentral = async (
  centralUrl: string,
  account: { readonly agentNumber: string; readonly password: string },
  customerId: string,
): Promise<readonly Contact[]> => {
  const signIn = await fetch(`${centralUrl}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: protocolVersion, ...account, seatId: randomUUID() }),
  });
  const { token } = SignInResponse.parse(await signIn.json());
  const response = await fetch(`${centralUrl}/v1/contacts?customerId=${encodeURIComponent(customerId)}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ContactsResponse.parse(await response.json()).contacts;
};
