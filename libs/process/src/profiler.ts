import { Session } from 'node:inspector/promises';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Log } from './log.js';
import { prepareFolder } from './prepare-folder.js';
import type { ProfileSettings } from './profile-settings.js';

/** How often the stack is read while a profile is taken, in microseconds. */
const CPU_SAMPLE_US = 1000;
/** On average one allocation within so many bytes is noted. */
const HEAP_SAMPLE_BYTES = 128 * 1024;
/** A file that would be larger is not written. */
const MAX_FILE_BYTES = 5 * 1024 * 1024;
/** How many profiles of services with this name stay in the folder, with the new one: 45 MiB at most, so that a small temporary file system holds them. */
const KEPT = 3;
const ENDINGS = ['cpuprofile', 'heapprofile', 'summary.json'] as const;

/**
 * Writes profiles of this process when it is asked to, one at a time: where it spends its time, what it allocates, and a summary of
 * its memory. They contain names of functions and files and figures, but no values: no heap snapshot is written, because it would
 * contain keys and what clients send.
 */
export class Profiler {
  private running = false;

  constructor(
    private readonly name: string,
    private readonly settings: ProfileSettings,
    private readonly log: Log,
  ) {}

  /** Takes a profile and writes it. It never fails: whatever happens is logged. */
  async take(): Promise<void> {
    const { folder, durationMs } = this.settings;
    if (folder === undefined) return this.log.warn('no profile is written: SLUICE_PROFILE_FOLDER is not set');
    if (this.running) return this.log.warn('no profile is written: another one is being taken');
    this.running = true;
    try {
      prepareFolder('SLUICE_PROFILE_FOLDER', folder);
      this.log.info({ folder, durationMs }, 'a profile is being taken');
      const files = await this.write(folder, await record(durationMs));
      this.log.info({ folder, files }, 'a profile was written');
    } catch (error) {
      this.log.error({ err: error, folder }, 'no profile could be written');
    } finally {
      this.running = false;
    }
  }

  private async write(folder: string, contents: Record<(typeof ENDINGS)[number], unknown>): Promise<string[]> {
    const base = `${this.name}-${process.pid}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    await this.removeOld(folder);
    const written: string[] = [];
    for (const ending of ENDINGS) {
      const bytes = Buffer.from(JSON.stringify(contents[ending]));
      if (bytes.length > MAX_FILE_BYTES) {
        this.log.warn({ ending, bytes: bytes.length }, 'a file of the profile is too large and is not written');
        continue;
      }
      const file = `${base}.${ending}`;
      await writeFile(path.join(folder, file), bytes, { mode: 0o600, flag: 'wx' });
      written.push(file);
    }
    return written;
  }

  /** Makes room for a new profile. */
  private async removeOld(folder: string): Promise<void> {
    const own = new RegExp(`^${this.name}-\\d+-(\\d{4}-\\d\\d-\\d\\dT[\\d-]+Z)\\.(${ENDINGS.join('|')})$`);
    const files = (await readdir(folder)).flatMap((file) => {
      const at = own.exec(file)?.[1];
      return at === undefined ? [] : [{ file, at }];
    });
    const kept = new Set([...new Set(files.map(({ at }) => at))].sort().slice(-(KEPT - 1)));
    for (const { file, at } of files) if (!kept.has(at)) await rm(path.join(folder, file), { force: true });
  }
}

/** Observes this process for a while. */
async function record(durationMs: number): Promise<Record<(typeof ENDINGS)[number], unknown>> {
  const session = new Session();
  session.connect(); // within this process: no port is opened
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: CPU_SAMPLE_US });
    await session.post('HeapProfiler.startSampling', { samplingInterval: HEAP_SAMPLE_BYTES });
    const from = { utilization: performance.eventLoopUtilization(), cpu: process.cpuUsage(), at: new Date() };
    await session.post('Profiler.start');
    await sleep(durationMs);
    const { profile: cpu } = await session.post('Profiler.stop');
    const { profile: heap } = await session.post('HeapProfiler.stopSampling');
    return { cpuprofile: cpu, heapprofile: heap, 'summary.json': summarize(from) };
  } finally {
    session.disconnect();
  }
}

/** What can be said of the process in figures, at the end of the observation. */
function summarize(from: { utilization: ReturnType<typeof performance.eventLoopUtilization>; cpu: NodeJS.CpuUsage; at: Date }) {
  return {
    from: from.at.toISOString(),
    to: new Date().toISOString(),
    pid: process.pid,
    node: process.version,
    uptimeSeconds: process.uptime(),
    eventLoop: performance.eventLoopUtilization(from.utilization),
    cpuMicroseconds: process.cpuUsage(from.cpu),
    memory: process.memoryUsage(),
    heap: getHeapStatistics(),
    heapSpaces: getHeapSpaceStatistics(),
    resources: process.resourceUsage(),
    active: countOf(process.getActiveResourcesInfo()),
  };
}

/** How many there are of each. */
function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
