#pragma once

namespace firedrill {

class Clock;
class Network;
class Redis;
class Database;
class Queue;
class Random;
class Telemetry;
class Tasks;

/// Everything that a service may reach: the only way out of it. References to ports that outlive
/// the service. A service keeps a copy.
struct Ports {
  Clock& clock;
  Network& network;
  Redis& redis;
  Database& database;
  Queue& queue;
  Random& random;
  Telemetry& telemetry;
  Tasks& tasks;
};

}  // namespace firedrill
