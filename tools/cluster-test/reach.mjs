// What can be reached from the network namespace that this runs in; it prints an array of JSON.
//
//   listening             the TCP ports at which others than the pod itself find something
//   connect HOST:PORT...  how an attempt to connect to each of them ended: `open`, or why not
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const LISTENING = '0A';
/** What a rejected connect takes is a round trip; one that is dropped takes this. */
const WITHIN_MS = 3000;

function listening() {
  const ports = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/self/net/${file}`, 'utf8')
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, local, , state] = line.trim().split(/\s+/);
        const [address, port] = local?.split(':') ?? [];
        return state === LISTENING && !isLoopback(address) ? [Number.parseInt(port, 16)] : [];
      }),
  );
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** In hexadecimal, in words of four bytes whose order is that of the machine. */
const isLoopback = (address) => address.endsWith('7F') || address === `${'0'.repeat(24)}01000000`;

const attempt = (target) =>
  new Promise((resolve) => {
    const [host, port] = target.split(':');
    const socket = connect(Number(port), host);
    const end = (how) => {
      socket.destroy();
      resolve(how);
    };
    socket.setTimeout(WITHIN_MS, () => end('no answer'));
    socket.once('connect', () => end('open'));
    socket.once('error', (error) => end(error.code));
  });

const [mode, ...targets] = process.argv.slice(2);
console.log(JSON.stringify(mode === 'listening' ? listening() : await Promise.all(targets.map(attempt))));
