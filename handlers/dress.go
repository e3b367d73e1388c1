package handlers

import (
	"bytes"
	"context"
	"image/png"

	"portico/auth/reading"
	"portico/static"
	"portico/views"
)

// dress is what makes the pages look like the department's own: the
// stylesheet of its accent and its logo, made once for the settings they are
// of.
type dress struct {
	of     *reading.Settings // shared by all who read the same settings
	accent *static.File      // nil: the house's own
	logo   *static.File      // nil: none
	size   views.Picture
}

// logoHigh is how high a logo stands on pages, in CSS pixels.
const logoHigh = 40

// wearing is the dress of the settings; the last one is kept.
func (s *Server) wearing(set *reading.Settings) *dress {
	last := s.dressed.Load()
	if last != nil && last.of == set {
		return last
	}
	d := &dress{of: set}
	switch {
	case last != nil && last.of.Accent == set.Accent:
		d.accent = last.accent
	case set.Accent != "":
		if c, ok := static.ParseColour(set.Accent); ok {
			d.accent = static.AccentFile(c)
		}
	}
	if last != nil && bytes.Equal(last.of.Logo, set.Logo) {
		d.logo, d.size = last.logo, last.size
	} else if size, err := png.DecodeConfig(bytes.NewReader(set.Logo)); err == nil {
		d.logo = static.LogoFile(set.Logo)
		d.size = views.Picture{Href: d.logo.Address(), Height: logoHigh, Width: max(1, (size.Width*logoHigh+size.Height/2)/size.Height)}
	}
	s.dressed.Store(d)
	return d
}

// worn are the files that settings make, as they are now.
func (s *Server) worn(name string) *static.File {
	shelf, _ := s.Library.For(context.Background(), reading.Nobody()) // gives an error to a person only
	d := s.wearing(shelf.Settings())
	switch name {
	case "accent.css":
		return d.accent
	case "logo.png":
		return d.logo
	}
	return nil
}
