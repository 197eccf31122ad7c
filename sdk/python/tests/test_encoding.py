import unittest

from doin_sdk.encoding import decode, encode


class Encoding(unittest.TestCase):
    def test_the_same_values_have_the_same_bytes(self):
        self.assertEqual(encode({"b": 1, "a": [0.1, True, None, "ü"]}), '{"a":[0.1,true,null,"ü"],"b":1}'.encode())
        self.assertEqual(encode({"a": 1, "b": 2}), encode({"b": 2, "a": 1}))

    def test_there_and_back(self):
        for value in [{}, {"x": [1, 2.5, -1e-300]}, {"model": b"\x00\xff", "n": 2**80}, [None, {"deep": [[[]]]}]]:
            self.assertEqual(decode(encode(value)), value)

    def test_what_has_no_bytes_is_refused(self):
        for value in [float("nan"), float("inf"), {1: 2}, object(), {"x": {1, 2}}]:
            with self.assertRaises((ValueError, TypeError)):
                encode(value)
        deep = []
        for _ in range(200):
            deep = [deep]
        with self.assertRaises(ValueError):
            encode(deep)

    def test_hostile_bytes_are_refused(self):
        for data in [b"", b"\xff", b"{", b"NaN", b"[Infinity]", b"[1e999]", b"1" * 5000, b"[" * 100000, b'{"$bytes":"?"}']:
            with self.assertRaises(ValueError):
                decode(data)

    def test_arrays(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed: arrays are not tested")
        for array in [numpy.arange(6.0).reshape(2, 3), numpy.array([1, 2], dtype=">i4"), numpy.zeros((0, 3), dtype=bool)]:
            back = decode(encode({"a": array}))["a"]
            self.assertEqual(back.shape, array.shape)
            self.assertTrue((back == array).all())
        self.assertEqual(encode(numpy.float64(0.5)), b"0.5")
        with self.assertRaises(ValueError):
            encode(numpy.array([numpy.nan]))
        with self.assertRaises(ValueError):
            decode(b'{"$array":{"dtype":"O","shape":[1],"data":"AAAAAAAAAAA="}}')


if __name__ == "__main__":
    unittest.main()
