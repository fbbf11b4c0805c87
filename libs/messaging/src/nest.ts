// The second entry point of this library: what answers operations through Nest. It loads Nest's microservices.
export {
  actorOf,
  Answers,
  askRegistry,
  BusStrategy,
  type Call,
  type Caller,
  type IdentifyActor,
  type OnDenied,
  type OnFault,
  PassThroughFilter,
  tellRegistry,
} from './bus-strategy.js';
