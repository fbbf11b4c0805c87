// A bare pipe of Node's, the least that any two-process tunnel in Node could cost: `node pipe.mjs LISTEN:TO ...`.
import { connect, createServer } from 'node:net';

for (const pair of process.argv.slice(2)) {
  const [listen, to] = pair.split(':').map(Number);
  createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const target = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [client, target]) socket.on('error', () => (client.destroy(), target.destroy()));
    client.pipe(target);
    target.pipe(client);
  }).listen(listen, '127.0.0.1');
}
