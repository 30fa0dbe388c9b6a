/**
 * Runs once the frame that holds the last commit is on the screen: the animation frame callback runs before paint, a message
 * posted from there is handled after it.
 */
export const afterPaint = (run: () => void): void => {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.addEventListener('message', () => {
      channel.port1.close();
      run();
    });
    channel.port1.start();
    channel.port2.postMessage(null);
  });
};
