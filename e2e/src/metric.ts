import type { Installation } from '@sluice/embedded';

/** A metric of a service now, summed over all its labels, or over those in which `labels` stands. */
export async function metric(installation: Installation, service: string, name: string, labels = ''): Promise<number> {
  const { operationsPort } = installation.service(service).announcement;
  const text = await (await fetch(`http://127.0.0.1:${operationsPort}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
