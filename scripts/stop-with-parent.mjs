/** Preloaded into supervised programs: when the npm script that started us is gone, stop as if asked to. */
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
