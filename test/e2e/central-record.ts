import { randomUUID } from 'node:crypto';
import { ContactsResponse, protocolVersion, SignInResponse } from '../../shared/central-api.ts';
import type { Contact } from '../../shared/contact.ts';

type Account = { readonly agentNumber: string; readonly password: string };

/** What central knows of a customer's contacts, asked as another program would ask it: over its API. Signs in once. */
export const openCentralRecord = async (
  centralUrl: string,
  account: Account,
): Promise<(customerId: string) => Promise<readonly Contact[]>> => {
  const signIn = await fetch(`${centralUrl}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: protocolVersion, ...account, seatId: randomUUID() }),
  });
  const { token } = SignInResponse.parse(await signIn.json());
  return async (customerId) => {
    const response = await fetch(`${centralUrl}/v1/contacts?customerId=${encodeURIComponent(customerId)}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ContactsResponse.parse(await response.json()).contacts;
  };
};

export const contactsAtCentral = async (
  centralUrl: string,
  account: Account,
  customerId: string,
): Promise<readonly Contact[]> => (await openCentralRecord(centralUrl, account))(customerId);
