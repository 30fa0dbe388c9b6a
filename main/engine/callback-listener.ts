import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Text } from '../../shared/text.ts';

/** Waits on this machine for the provider's answer, which the agent's browser brings (RFC 8252 section 7.3). */
export interface CallbackListener {
  readonly redirectUri: string;
  close(): void;
}

const pages = {
  done: {
    zh: '登录页面已完成，请回到坐席窗口。本页可以关闭。',
    en: 'This page is done: please go back to the seat’s window. You can close it.',
  },
  stranger: {
    zh: '此登录不属于本坐席，或已结束。请关闭本页，在坐席窗口中重新开始。',
    en: 'This sign-in is not this seat’s, or is over. Please close this page and start again in the seat’s window.',
  },
} as const satisfies Readonly<Record<string, Text>>;

/**
 * @param answered told what the provider said; false when it is none of ours, and the page says so
 * @throws when this machine lets nobody listen
 */
export const listenForCallback = async (answered: (said: URLSearchParams) => boolean): Promise<CallbackListener> => {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 16_384 });
  const port = await new Promise<number>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port));
  });
  // A page of another site may make a browser ask by a name it owns (DNS rebinding): only our own address is answered.
  const isOurs = (host: string | undefined): boolean => host === `127.0.0.1:${port}`;
  server.on('request', (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const isCallback = request.method === 'GET' && isOurs(request.headers.host) && path === '/callback';
    const isTaken = isCallback && answered(new URLSearchParams(query));
    response
      .writeHead(isTaken ? 200 : 400, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        connection: 'close',
      })
      .end(pageOf(pages[isTaken ? 'done' : 'stranger']));
  });
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    // What is being answered is answered.
    close: () => void server.close(),
  };
};

/** Constant text only: nothing of a request is ever repeated here. */
const pageOf = ({ zh, en }: Text): string =>
  `<!doctype html>\n<html lang="zh-CN">\n<meta charset="utf-8">\n<title>坐席 · Zuoxi</title>\n<h1>${zh}</h1>\n<p lang="en">${en}</p>\n</html>\n`;
