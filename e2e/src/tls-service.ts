import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/** A service of a test that speaks TLS, with a certificate of its own. */
export class TlsService {
  private readonly accepted = new Set<TLSSocket>();
  private constructor(private readonly server: Server) {}

  /**
   * @param subject such as `/CN=db.internal` @param names its alternative names, such as `DNS:db.internal`
   * @param onConnection what it does with a connection; it reads it by default
   */
  static async serve(
    subject: string,
    names: string,
    onConnection: (socket: TLSSocket) => void = (socket) => socket.resume(),
  ): Promise<TlsService> {
    const folder = mkdtempSync(path.join(tmpdir(), 'sluice-tls-'));
    const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
    const wanted = ['-subj', subject, '-addext', `subjectAltName=${names}`, '-days', '90', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...wanted], {
      stdio: 'ignore',
    });
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
    rmSync(folder, { recursive: true });
    const service = new TlsService(server);
    server.on('secureConnection', (socket) => {
      service.accepted.add(socket.on('error', () => undefined));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.accepted) socket.destroy();
  }
}
