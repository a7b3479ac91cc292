// Beast, compiled once (see BOOST_BEAST_SEPARATE_COMPILATION in CMakeLists.txt).
// Without its assertions: Beast 1.81 asserts (n >= 5) where an empty chunked body comes in small pieces, though nothing
// hangs on it, and a server must not be able to end a build that has assertions.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/src.hpp>
