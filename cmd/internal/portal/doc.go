// Package portal is what the programs share: the configuration, the log and
// the wiring of the server.
//
// Configuration comes from environment variables, and from an env file with
// the same names; the environment wins. One table (configrows.go) holds each
// name with its default, its sentence of help, whether it is a secret, and the
// function that reads it. Parsing, validation, `portico config` and the table
// in README.md are all drawn from it, so that they cannot disagree.
//
// Three decisions. All problems are reported together, because one at a time
// costs the person at the keyboard a restart each. A name with our prefix that
// we do not know is an error, because a misspelt PORTICO_MANAGE_ROLES that is
// silently ignored is a hole. And secrets are a type of their own, so that no
// log line, dump or error can show one by mistake.
package portal
