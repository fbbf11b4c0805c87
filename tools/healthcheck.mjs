// Ends with 0 when the service of this container can do its work: for HEALTHCHECK, where there is no curl.
const port = (process.env.SLUICE_OPERATIONS_ADDRESS ?? '').split(':').at(-1);
const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
