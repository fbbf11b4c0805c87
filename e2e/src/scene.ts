import type { Installation } from '@sluice/embedded';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { echo, Resource } from './resource.js';

/** What a spec with its own installation begins with: the installation, a user who reaches nothing yet, and an echo service. */
export class Scene {
  private constructor(
    readonly installation: Installation,
    readonly system: TestSystem,
    readonly user: TestUser,
    readonly resource: Resource,
  ) {}

  static async start(options: Parameters<typeof startSystem>[0] = {}): Promise<Scene> {
    const installation = await startSystem(options);
    try {
      const system = await TestSystem.use(handleOf(installation));
      return new Scene(installation, system, await system.addUser(), await Resource.serve(echo));
    } catch (error) {
      await stopSystem(installation);
      throw error;
    }
  }

  async end(): Promise<void> {
    this.resource.close();
    await this.user.leave().finally(() => stopSystem(this.installation));
  }
}
