import { Controller } from '@nestjs/common';
import { certifyAudit, certifyHealth } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { Organization } from './organization.js';

/** Certifies the keys of services. The bus lets each service request only its own certificate, which is what proves its name. */
@Controller()
export class ServicesRpc {
  constructor(private readonly organization: Organization) {}

  @Answers(certifyAudit)
  audit({ input }: Call<typeof certifyAudit>) {
    return this.organization.certify({ kind: 'service', service: 'audit' }, input.publicKey, { which: 'all' });
  }

  @Answers(certifyHealth)
  health({ input }: Call<typeof certifyHealth>) {
    return this.organization.certify({ kind: 'service', service: 'health' }, input.publicKey, { which: 'all' });
  }
}
