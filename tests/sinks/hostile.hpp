// What the network can say, at its worst.
#pragma once

#include "plugins/contract/hostile.hpp"
#include "sinks/rig.hpp"
