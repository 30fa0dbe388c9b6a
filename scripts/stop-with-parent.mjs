/**
 * Preloaded into supervised programs: when the npm script that started us is gone, stop as if asked to, and end with
 * us what we started; nobody else is left to do it.
 */
const GRACE_MS = 10_000;

if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => {
    process.on('exit', endOwnGroup);
    setTimeout(endOwnGroup, GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
}

/** We lead our process group (run.mjs), so this ends us as well. */
function endOwnGroup() {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
