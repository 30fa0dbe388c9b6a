import type { ServerResponse } from 'node:http';

/** How an answer goes wrong. */
export type Fault =
  | 'none'
  | 'down' // sockets are cut before an answer
  | 'error500'
  | 'html'
  | 'truncated'
  | 'garbage' // JSON of another shape
  | 'deep' // JSON nested beyond reason
  | 'huge' // more than a seat takes
  | 'redirect'
  | 'silent' // never answers
  | 'unauthorised'
  | 'tooMany' // 429, come again in a minute
  | 'tooOld' // serves only newer seats
  | 'loseReply'; // does what was asked, then cuts the socket

export const misbehave = (fault: Exclude<Fault, 'none' | 'loseReply'>, response: ServerResponse): void => {
  const json = { 'content-type': 'application/json' };
  switch (fault) {
    case 'down':
      return void response.socket?.destroy();
    case 'error500':
      return void response.writeHead(500, json).end('{"error":{"kind":"internal"}}');
    case 'html':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Welcome</h1></html>');
    case 'truncated':
      response.writeHead(200, { ...json, 'content-length': '5000' });
      response.write('{"changes":[{"entity":"customer","id":"x"');
      setTimeout(() => response.socket?.destroy(), 5);
      return;
    case 'garbage':
      return void response.writeHead(200, json).end('{"changes":"none","results":7,"cursor":null}');
    case 'deep':
      return void response.writeHead(200, json).end('['.repeat(200_000) + ']'.repeat(200_000));
    case 'huge': {
      response.writeHead(200, json);
      const piece = ' '.repeat(1_000_000);
      const pour = (left: number): void => {
        if (left > 0 && !response.destroyed) response.write(piece, () => pour(left - 1));
        else response.end();
      };
      return pour(40);
    }
    case 'redirect':
      return void response.writeHead(302, { location: 'http://127.0.0.1:9/login' }).end();
    case 'silent':
      return;
    case 'tooOld':
      return void response.writeHead(426, json).end('{"error":{"kind":"tooOld","reason":"updateNeeded"}}');
    case 'tooMany':
      return void response
        .writeHead(429, { ...json, 'retry-after': '60' })
        .end('{"error":{"kind":"locked","reason":"tooManyRequests"}}');
    case 'unauthorised':
      return void response.writeHead(401, json).end('{"error":{"kind":"unauthorised","reason":"signInAgain"}}');
  }
};
