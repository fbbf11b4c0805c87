import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

const CHUNK = 4 * 1024 * 1024;
/** How often one spelling of a text is looked for in a chunk. */
const ENOUGH = 20;
/** Longer than any text that is looked for, so that none is missed where two chunks meet. */
const OVERLAP = 512;

/** A text found in the memory of a process. */
export interface Found {
  readonly text: string;
  /** How it is written there. */
  readonly spelling: string;
  /** What stands there, for whoever has to find out where it came from. */
  readonly around: string;
}

/**
 * How a text may stand somewhere: as it is, as V8 has strings of wide characters, in hexadecimal (as PostgreSQL shows bytes), and
 * in Base64 at each of its three alignments and in both of its alphabets.
 */
export function spellingsOf(text: string): [spelling: string, bytes: Buffer][] {
  const bytes = Buffer.from(text);
  const encoded = (['base64', 'base64url'] as const).flatMap((alphabet) =>
    [0, 1, 2].map((shift): [string, string] => {
      const all = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString(alphabet)
        .replace(/=+$/, '');
      return [`${alphabet}, shifted by ${shift}`, all.slice(4, -4)]; // its ends depend on the bytes beside it
    }),
  );
  const distinct = encoded.filter(([, one], at) => encoded.findIndex(([, other]) => other === one) === at);
  return [
    ['as it is', bytes],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['hexadecimal', Buffer.from(bytes.toString('hex'))],
    ...distinct.map(([name, one]): [string, Buffer] => [name, Buffer.from(one)]),
  ];
}

/** The same, as a file or database may have it: nobody writes UTF-16, whose zeros no text of PostgreSQL can contain. */
export const writtenSpellingsOf = (text: string): [spelling: string, written: string][] =>
  spellingsOf(text)
    .filter(([spelling]) => spelling !== 'UTF-16')
    .map(([spelling, bytes]) => [spelling, bytes.toString('latin1')]);

/** The processes that a process started, and those that they started, and so on. */
export function processesBelow(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, number] => [Number(name), parentOf(name)]);
  const below = (of: number): number[] => parents.flatMap(([child, parent]) => (parent === of ? [child, ...below(child)] : []));
  return below(pid);
}

function parentOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return 0; // it has ended
  }
}

/** The other processes in whose environment or command line a text stands. */
export const processesNaming = (text: string, where: 'environ' | 'cmdline'): number[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/${where}`, 'utf8').includes(text);
      } catch {
        return false; // it has ended
      }
    })
    .map(Number);

/** A part of the memory of a process that is present and can be read. */
interface Mapping {
  readonly from: number;
  readonly to: number;
  /** Of memory that processes share, what it is; it is read once. */
  readonly shared: string | undefined;
}

/** What a core dump of the process would contain, but for the programs and libraries themselves, which nobody can have written to. */
function mappingsOf(pid: number): Mapping[] {
  const blocks = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return blocks.flatMap((block) => {
    const [, from, to, access = '', device, inode] = /^(\w+)-(\w+) (\S+) \S+ (\S+) (\S+)/.exec(block) ?? [];
    const present = /^Rss: +(\d+)/m.exec(block)?.[1];
    if (from === undefined || to === undefined || !access.startsWith('r') || present === undefined || present === '0') return [];
    if (!access.includes('w') && inode !== '0') return [];
    return [{ from: parseInt(from, 16), to: parseInt(to, 16), shared: access.includes('s') ? `${device} ${inode}` : undefined }];
  });
}

/** Searches the memory of processes: heaps, stacks and buffers, those that are in use and those that were freed. */
export class MemorySearch {
  private readonly read = new Set<string>();
  private readonly needles: { text: string; spelling: string; bytes: Buffer }[];

  constructor(texts: readonly string[]) {
    this.needles = texts.flatMap((text) => spellingsOf(text).map(([spelling, bytes]) => ({ text, spelling, bytes })));
  }

  /** @returns what was found, and how many bytes were looked through. @throws Error if the memory may not be read */
  async in(pid: number): Promise<{ found: Found[]; bytes: number }> {
    const found: Found[] = [];
    let bytes = 0;
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    try {
      for (const { from, to, shared } of mappingsOf(pid)) {
        if (shared !== undefined && this.read.has(shared)) continue;
        if (shared !== undefined) this.read.add(shared);
        for (let at = from; at < to; at += CHUNK) {
          const chunk = bytesAt(memory, at, Math.min(CHUNK + OVERLAP, to - at));
          bytes += Math.min(chunk.length, CHUNK);
          found.push(...this.inChunk(chunk));
          await turn();
        }
      }
    } finally {
      closeSync(memory);
    }
    return { found, bytes };
  }

  private inChunk(chunk: Buffer): Found[] {
    const found: Found[] = [];
    for (const { text, spelling, bytes } of this.needles) {
      let times = 0;
      for (let at = chunk.indexOf(bytes); at >= 0 && at < CHUNK && times++ < ENOUGH; at = chunk.indexOf(bytes, at + 1)) {
        const around = chunk
          .subarray(Math.max(at - 40, 0), at + bytes.length + 40)
          .toString('latin1')
          .replace(/[^ -~]/g, '.');
        found.push({ text, spelling, around });
      }
    }
    return found;
  }
}

function bytesAt(memory: number, from: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  try {
    return buffer.subarray(0, readSync(memory, buffer, 0, length, from));
  } catch (error) {
    if (['EIO', 'EFAULT', 'ENOMEM'].includes(String((error as NodeJS.ErrnoException).code))) return Buffer.alloc(0); // unmapped meanwhile, or a device
    throw error;
  }
}
