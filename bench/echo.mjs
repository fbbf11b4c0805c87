// The service at the far end: says back what it hears. Writes its port.
import { createServer } from 'node:net';

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket
    .on('data', (chunk) => socket.write(chunk))
    .on('end', () => socket.end())
    .on('error', () => undefined);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.stdout.write(`${server.address().port}\n`));
