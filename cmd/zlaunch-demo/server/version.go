package server

// version is set when the binary is linked (-ldflags "-X main.version=…").
var version = "development"
