import { Controller } from '@nestjs/common';
import { reportAttempt } from '@sluice/contracts';
import { actorOf, Answers, type Call } from '@sluice/messaging/nest';
import { DataSource } from 'typeorm';
import { noteAttempt } from './report-attempt.js';

/** Handles reports of agents about attempts that no relay answered. */
@Controller()
export class AttemptsRpc {
  constructor(private readonly database: DataSource) {}

  @Answers(reportAttempt)
  report(call: Call<typeof reportAttempt>) {
    return noteAttempt(this.database, actorOf(call), call.input);
  }
}
