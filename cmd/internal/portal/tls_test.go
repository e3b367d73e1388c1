package portal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCertificateFromFilesIsShown(t *testing.T) {
	cert, key := certificate(t, "portal.example")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	safe, err := secured(l, &Config{Portico: Portico{TLS: TLS{Mode: TLSFiles, CertFile: cert, KeyFile: key}}})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if conn, err := safe.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake() // the client judges it
			_ = conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true, ServerName: "portal.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().PeerCertificates[0].Subject.CommonName; got != "portal.example" {
		t.Errorf("the certificate is of %q", got)
	}
}

func TestCertificateThatIsNotThere(t *testing.T) {
	if _, err := secured(nil, &Config{Portico: Portico{TLS: TLS{Mode: TLSFiles, CertFile: "/nowhere.pem", KeyFile: "/nowhere.key"}}}); err == nil {
		t.Error("a missing certificate was taken")
	}
}

// certificate makes a certificate for a name, and its key, as files.
func certificate(t *testing.T, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write := func(file, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "EC PRIVATE KEY", secret)
}
