"""Tests: browser"""
