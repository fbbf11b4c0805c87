import type { Installation } from '@sluice/embedded';

/** A metric of a service now, summed over all its labels, or over those in which `labels` stands. */
export const metric = (installation: Installation, service: string, name: string, labels = ''): Promise<number> =>
  metricOf(installation.service(service).announcement.operationsPort, name, labels);

/** The same of a process, by the port of its metrics. */
export async function metricOf(operationsPort: number, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${operationsPort}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
