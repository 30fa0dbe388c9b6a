/** A WebSocket whose other end is the test. */
export class FakeSocket extends EventTarget {
  readonly url: string;
  readonly sent: string[] = [];
  binaryType = 'blob';
  bufferedAmount = 0;
  readyState = 0;
  closeAsked = 0;

  constructor(url: string) {
    super();
    this.url = url;
  }

  /** As a `WebSocket`, for what is handed one. */
  get asSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  /** A silent peer: asking to close changes nothing. */
  close(): void {
    this.closeAsked += 1;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  hangUp(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}
