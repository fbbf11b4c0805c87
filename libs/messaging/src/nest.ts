// The second door of this library: what answers operations through Nest. It loads Nest's microservices.
export {
  actorOf,
  Answers,
  askRegistry,
  BusStrategy,
  type Call,
  type IdentifyActor,
  type OnFault,
  PassThroughFilter,
} from './bus-strategy.js';
