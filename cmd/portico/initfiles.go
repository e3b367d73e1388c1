package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"portico/cmd/internal/portal"
)

// write makes the env file, readable by its owner alone.
func (o *setup) write() error {
	o.values["SESSION_SECRET"] = rand.Text() + rand.Text()
	if o.force {
		o.keepSecret()
	}
	var b strings.Builder
	b.WriteString("# Portico. `portico config` explains; `portico doctor` checks. Keep this file to yourself.\n")
	for _, name := range portal.Names() {
		value, ok := o.values[name]
		if !ok || value == "" {
			continue
		}
		line, err := portal.EnvLine(name, value)
		if err != nil {
			return err
		}
		b.WriteString(line)
	}
	if err := os.MkdirAll(filepath.Dir(o.envFile), 0o755); err != nil {
		return fmt.Errorf("making the env file's folder: %w", err)
	}
	return replaceFile(o.envFile, b.String(), 0o600, o.force)
}

// keepSecret lets what the old file's secret sealed still open.
func (o *setup) keepSecret() {
	f, err := os.Open(o.envFile)
	if err != nil {
		return // there is no old file
	}
	defer f.Close()
	old, _ := portal.ParseEnvFile(f) // a broken file is being replaced
	if secret := old["SESSION_SECRET"]; portal.Check("SESSION_SECRET", secret) == nil {
		o.values["SESSION_SECRET_PREVIOUS"] = secret
	}
}

// replaceFile writes a file that is not there. With force it takes the place
// of an old one, in one step.
func replaceFile(path, text string, mode os.FileMode, force bool) error {
	if !force {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if err != nil {
			return fmt.Errorf("writing a new file: %w", err)
		}
		return fill(f, text, mode)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".portico-*")
	if err != nil {
		return fmt.Errorf("writing beside %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	if err := fill(f, text, mode); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("putting the new file in place: %w", err)
	}
	return nil
}

// fill writes all of a file and closes it.
func fill(f *os.File, text string, mode os.FileMode) error {
	err := f.Chmod(mode)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", f.Name(), err)
	}
	return nil
}

// service writes the unit, or says how.
func (s *shell) service(o *setup) error {
	if !o.systemd {
		if _, err := os.Stat(systemRunning); err == nil {
			fmt.Fprintln(s.stdout, "This machine has systemd: `portico init --systemd` (as root) also writes "+systemUnit)
		}
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program's path: %w", err)
	}
	text, err := unitText(program, o.envFile)
	if err != nil {
		return err
	}
	if err := replaceFile(o.unit, text, 0o644, o.force); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "Unit: %s\n", o.unit)
	return nil
}

// unitText is the service with as few rights as it can work with. systemd
// reads the env file as root, so the service's own user needs no right to it.
func unitText(program, envFile string) (string, error) {
	if strings.ContainsAny(program+envFile, " \t\n\"'\\%") {
		return "", fmt.Errorf("systemd cannot take a path with spaces or quotes: %s, %s", program, envFile)
	}
	t, err := template.New("unit").Parse(unitTemplate)
	if err != nil {
		return "", fmt.Errorf("reading the unit's template: %w", err)
	}
	var b strings.Builder
	err = t.Execute(&b, map[string]string{"Program": program, "EnvFile": envFile})
	return b.String(), err
}

const unitTemplate = `[Unit]
Description=Portico, the department's portal
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart={{.Program}} serve
ExecReload=/bin/kill -HUP $MAINPID
EnvironmentFile={{.EnvFile}}
DynamicUser=yes
StateDirectory=portico
StateDirectoryMode=0700
WorkingDirectory=/var/lib/portico
UMask=0077
Restart=always
RestartSec=2
WatchdogSec=30
TimeoutStopSec=20
LimitNOFILE=65536

AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`
