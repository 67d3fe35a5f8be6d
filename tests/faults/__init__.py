"""Tests: faults"""
