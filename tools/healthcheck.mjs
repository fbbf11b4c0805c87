// Exits with 0 if the service of this container is ready: for HEALTHCHECK in images without curl.
const port = (process.env.SLUICE_OPERATIONS_ADDRESS ?? '').split(':').at(-1);
const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
