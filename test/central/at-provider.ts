/** The agent at the provider's page: a browser without a screen, with cookies, that follows redirects up to the seat's own address. */
export const atProvider = async (
  url: string,
  fill: { readonly name: string; readonly password: string } | 'cancel',
): Promise<{ readonly callback: URL } | { readonly page: string }> => {
  const cookies = new Map<string, string>();
  const go = async (
    address: URL,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ callback: URL } | { at: URL; page: string }> => {
    if (address.pathname === '/callback') return { callback: address };
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: [...cookies].map(([name, text]) => `${name}=${text}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...rest] = pair.split('=');
      if (rest.join('=') === '') cookies.delete(name);
      else cookies.set(name, rest.join('='));
    }
    const to = response.headers.get('location');
    return to === null ? { at: address, page: await response.text() } : go(new URL(to, address));
  };
  const first = await go(new URL(url));
  if ('callback' in first) return first;
  const form = fill === 'cancel' ? { cancel: '1' } : { ...fill };
  const after = await go(first.at, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  return 'callback' in after ? after : { page: after.page };
};
