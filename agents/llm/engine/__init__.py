"""llama.cpp in this process: loaded with planned layers, scheduled for several conversations, sampled, cancelled."""
