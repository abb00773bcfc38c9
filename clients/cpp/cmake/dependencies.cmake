# tws_bridge::zmq and tws_bridge::msgpack, whatever the distribution calls cppzmq and msgpack for C++.
# Debian, Ubuntu: apt-get install cppzmq-dev libmsgpack-cxx-dev

if(NOT TARGET tws_bridge::zmq)
  find_path(TWS_BRIDGE_ZMQ_INCLUDE zmq.hpp)
  find_library(TWS_BRIDGE_ZMQ_LIBRARY zmq)
  if(NOT TWS_BRIDGE_ZMQ_INCLUDE OR NOT TWS_BRIDGE_ZMQ_LIBRARY)
    message(FATAL_ERROR "tws_bridge needs cppzmq and libzmq (Debian, Ubuntu: apt-get install cppzmq-dev)")
  endif()
  add_library(tws_bridge::zmq INTERFACE IMPORTED)
  set_target_properties(tws_bridge::zmq PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${TWS_BRIDGE_ZMQ_INCLUDE}"
    INTERFACE_LINK_LIBRARIES "${TWS_BRIDGE_ZMQ_LIBRARY}")
endif()

if(NOT TARGET tws_bridge::msgpack)
  find_path(TWS_BRIDGE_MSGPACK_INCLUDE msgpack.hpp)
  if(NOT TWS_BRIDGE_MSGPACK_INCLUDE)
    message(FATAL_ERROR "tws_bridge needs msgpack for C++ (Debian, Ubuntu: apt-get install libmsgpack-cxx-dev)")
  endif()
  add_library(tws_bridge::msgpack INTERFACE IMPORTED)
  set_target_properties(tws_bridge::msgpack PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${TWS_BRIDGE_MSGPACK_INCLUDE}"
    INTERFACE_COMPILE_DEFINITIONS MSGPACK_NO_BOOST)
endif()
