import { GatewayOffers, type OfferHost } from './gateway-offers.js';

/** Maintains offers at every gateway that the policy names. */
export class Offers {
  private readonly gateways = new Map<string, { address: string; offers: GatewayOffers }>();

  constructor(private readonly host: OfferHost) {}

  /** Adds and removes gateways so that they match `wanted`, a map from gateway id to address. */
  follow(wanted: ReadonlyMap<string, string>): void {
    for (const [id, { address, offers }] of this.gateways) {
      if (wanted.get(id) === address) continue;
      offers.stop();
      this.gateways.delete(id);
    }
    for (const [id, address] of wanted) {
      if (!this.gateways.has(id)) this.gateways.set(id, { address, offers: new GatewayOffers(id, address, this.host) });
    }
  }

  /** How many gateways this relay is connected to. */
  get connected(): number {
    return [...this.gateways.values()].filter(({ offers }) => offers.connected).length;
  }

  /** How many gateways this relay is not connected to, although the policy names them. */
  get disconnected(): number {
    return this.gateways.size - this.connected;
  }

  /** How many offers wait, at all gateways. */
  get waiting(): number {
    return [...this.gateways.values()].reduce((sum, { offers }) => sum + offers.waitingOffers, 0);
  }

  /** Withdraws the offers when the relay drains, and makes them again when it does not any more. */
  followDrain(): void {
    for (const { offers } of this.gateways.values()) offers.followDrain();
  }

  stop(): void {
    for (const { offers } of this.gateways.values()) offers.stop();
    this.gateways.clear();
  }
}
