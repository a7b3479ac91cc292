__attribute__((visibility("default"))) const void* beckon_sink_v2(void);
const void* beckon_sink_v2(void) { return 0; }
