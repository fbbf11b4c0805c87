import { Controller } from '@nestjs/common';
import { listChainFacts, listChains } from '@sluice/contracts';
import { Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { pageOfChainFacts, pageOfChains } from './page-of-chains.js';

/** Handles the operations on chains of facts. */
@Controller()
export class ChainsRpc {
  constructor(private readonly database: DataSource) {}

  @Answers(listChains)
  list({ input }: Call<typeof listChains>) {
    return pageOfChains(this.database, input);
  }

  @Answers(listChainFacts)
  facts({ input }: Call<typeof listChainFacts>) {
    return pageOfChainFacts(this.database, input);
  }
}
