"""Tests: flows"""
