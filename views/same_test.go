package views

import (
	"reflect"
	"testing"
	"time"
	"unsafe"
)

// A field that Same forgot would leave an old drawing standing. So every field
// of these models is changed once, however deep it lies.
func TestSameSeesEveryField(t *testing.T) {
	t.Run("Page", func(t *testing.T) {
		changeEach(t, func(a, b *Page) bool { return a.Same(b) })
	})
	t.Run("Dashboard", func(t *testing.T) {
		changeEach(t, func(a, b *DashboardModel) bool { return a.Same(b) })
	})
}

func changeEach[M any](t *testing.T, same func(a, b *M) bool) {
	full := func() *M {
		m := new(M)
		fill(reflect.ValueOf(m).Elem())
		return m
	}
	if !same(full(), full()) {
		t.Fatal("two of the same data are not the same")
	}
	all := leaves(reflect.ValueOf(full()).Elem(), "")
	if len(all) < 15 {
		t.Fatalf("only %d fields were found", len(all))
	}
	for _, path := range all {
		m := full()
		change(follow(reflect.ValueOf(m).Elem(), path.steps))
		if same(full(), m) || same(m, full()) {
			t.Errorf("%s was changed, and nobody saw it", path.name)
		}
	}
}

// fieldPath is a field by the way that leads to it; a slice and a pointer are led
// through and are leaves themselves.
type fieldPath struct {
	name  string
	steps []int
}

func leaves(v reflect.Value, name string, steps ...int) (all []fieldPath) {
	here := fieldPath{name, append([]int(nil), steps...)}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[time.Location]() {
			return []fieldPath{here}
		}
		for i := range v.NumField() {
			all = append(all, leaves(v.Field(i), name+"."+v.Type().Field(i).Name, append(here.steps, i)...)...)
		}
		return all
	case reflect.Slice:
		return append(leaves(v.Index(0), name+"[0]", append(here.steps, 0)...), here)
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*time.Location]() {
			return []fieldPath{here}
		}
		return append(leaves(v.Elem(), name+"*", append(here.steps, 0)...), here)
	}
	return []fieldPath{here}
}

func follow(v reflect.Value, steps []int) reflect.Value {
	for _, i := range steps {
		switch v.Kind() {
		case reflect.Struct:
			v = settable(v.Field(i))
		case reflect.Slice:
			v = v.Index(i)
		default:
			v = v.Elem()
		}
	}
	return v
}

// settable opens fields that are not exported, too.
func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

var somewhere = time.FixedZone("somewhere", 3600)

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_800_000_000, 0).UTC()))
			return
		}
		for _, field := range v.Fields() {
			fill(settable(field))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*time.Location]() {
			v.Set(reflect.ValueOf(somewhere))
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	}
}

func change(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "y")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Struct: // a time
		v.Set(reflect.ValueOf(time.Unix(1_800_000_060, 0).UTC()))
	default:
		v.SetZero()
	}
}
