"""Tests: acceptance"""
